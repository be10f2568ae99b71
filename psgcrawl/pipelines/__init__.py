"""What happens to each page, one step a file, in the order that ``settings.ITEM_PIPELINES`` gives."""
