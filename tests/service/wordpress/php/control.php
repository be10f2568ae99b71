<?php
// Runs inside the WordPress of the service tests: one command, its arguments as JSON on standard input, its answer
// as JSON on standard output. Every change goes through WordPress's own functions, as from its editor.
namespace Psgcrawl\Tests;

if ($argv[1] === 'install') {
    define('WP_INSTALLING', true);
}
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_ADDRESS'), PHP_URL_HOST);
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
require getenv('WP_HTML') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';

$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode((__NAMESPACE__ . '\\' . $argv[1])($given), JSON_THROW_ON_ERROR), "\n";

function checked($result)
{
    if (is_wp_error($result)) {
        throw new \RuntimeException($result->get_error_message());
    }
    return $result;
}

function install(array $given)
{
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('Peru Support Group', 'editor', 'editor@example.invalid', true, '', 'editor');
    foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'any', 'numberposts' => -1]) as $post) {
        wp_delete_post($post->ID, true);
    }
    return options($given);
}

function options(array $given)
{
    foreach ($given as $name => $value) {
        update_option($name, $value);
    }
    return $given;
}

function theme(array $given)
{
    switch_theme($given['name']);
    foreach ($given['mods'] ?? [] as $name => $value) {
        set_theme_mod($name, $value);
    }
    return ['name' => wp_get_theme()->get_stylesheet()];
}

function categories(array $names)
{
    return array_map(function ($name) {
        $known = get_term_by('name', esc_html($name), 'category');
        return $known ? $known->term_id : checked(wp_insert_term(wp_slash($name), 'category'))['term_id'];
    }, $names);
}

// The fields of a post in WordPress's words.
function fields(array $given)
{
    $names = [
        'title' => 'post_title', 'content' => 'post_content', 'excerpt' => 'post_excerpt', 'date' => 'post_date',
        'status' => 'post_status', 'password' => 'post_password', 'type' => 'post_type', 'slug' => 'post_name',
    ];
    $fields = [];
    foreach ($names as $ours => $theirs) {
        if (isset($given[$ours])) {
            $fields[$theirs] = $given[$ours];
        }
    }
    if (isset($given['categories'])) {
        $fields['post_category'] = categories($given['categories']);
    }
    if (isset($given['tags'])) {
        $fields['tags_input'] = $given['tags'];
    }
    return $fields;
}

// Posts under the numbers that are given; modified when published, unless something else is said.
function seed(array $given)
{
    $modified = null;
    add_filter('wp_insert_post_data', function ($data) use (&$modified) {
        if ($modified !== null) {
            $data['post_modified_gmt'] = $modified;
            $data['post_modified'] = get_date_from_gmt($modified);
        }
        return $data;
    });
    wp_defer_term_counting(true);
    $ids = [];
    foreach ($given['posts'] as $post) {
        $modified = $post['modified'] ?? get_gmt_from_date($post['date']);
        // The guid is the one that the editor gives, which makes a draft before it publishes.
        $own = ['import_id' => $post['id'], 'guid' => home_url('/?p=' . $post['id']), 'post_author' => 1];
        $trashed = ($post['status'] ?? '') === 'trash';
        $status = $trashed ? 'publish' : ($post['status'] ?? 'publish');
        $id = checked(wp_insert_post(wp_slash($own + fields(['status' => $status] + $post)), true));
        if ($trashed) {
            wp_trash_post($id);
        }
        if ($post['sticky'] ?? false) {
            stick_post($id);
        }
        $ids[] = $id;
    }
    wp_defer_term_counting(false);
    flush_rewrite_rules(true);
    return $ids;
}

// As the editor does it: first a draft, then published.
function add(array $given)
{
    $fields = fields($given + ['status' => 'publish']) + ['post_author' => 1];
    $status = $fields['post_status'];
    $id = checked(wp_insert_post(wp_slash(['post_status' => 'draft'] + $fields), true));
    checked(wp_update_post(wp_slash(['ID' => $id, 'post_status' => $status, 'edit_date' => true] + $fields), true));
    return ['id' => $id, 'status' => get_post_status($id)];
}

function edit(array $given)
{
    return ['id' => checked(wp_update_post(wp_slash(['ID' => $given['id']] + fields($given)), true))];
}

function trash(array $given)
{
    wp_trash_post($given['id']);
    return ['status' => get_post_status($given['id'])];
}

function untrash(array $given)
{
    // Since WordPress 5.6 a post comes back as a draft, and is published again by hand.
    wp_untrash_post($given['id']);
    wp_publish_post($given['id']);
    return ['status' => get_post_status($given['id'])];
}

function delete(array $given)
{
    wp_delete_post($given['id'], true);
    return ['status' => get_post_status($given['id'])];
}
