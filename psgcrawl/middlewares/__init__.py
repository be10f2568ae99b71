"""What happens to each request, response and result on its way."""
