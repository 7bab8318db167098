"""What a clerk works with: lists, and one document against all its addressees."""
