<?php
// Must-use plugin: what owners of a site switch off or add with plugins, each by an option that control.php sets.

// "Disable REST API" plugins refuse every request of a visitor who is not logged in.
add_filter('rest_authentication_errors', function ($result) {
    $status = (int) get_option('test_rest_closed', 0);
    if (!$status) {
        return $result;
    }
    $code = $status === 404 ? 'rest_no_route' : 'rest_forbidden';
    return new WP_Error($code, 'The REST API is closed on this site.', ['status' => $status]);
});

// "Disable feeds" plugins answer that there is none.
add_action('template_redirect', function () {
    if (is_feed() && get_option('test_feed_closed', 0)) {
        wp_die('No feed available.', '', ['response' => 404]);
    }
}, 0);

// Plugins for search engines sign every item of the feed.
add_filter('the_excerpt_rss', function ($excerpt) {
    if (!get_option('test_feed_signed', 0)) {
        return $excerpt;
    }
    $post = '<a href="' . esc_url(get_permalink()) . '">' . get_the_title() . '</a>';
    $site = '<a href="' . esc_url(home_url()) . '">' . get_bloginfo('name') . '</a>';
    return "$excerpt\n<p>The post $post appeared first on $site.</p>";
});
