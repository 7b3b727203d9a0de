"""What a marketplace lead is, and how its delivery is proven."""
