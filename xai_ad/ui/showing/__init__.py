"""How a picture, its verdict and its explanations come to the browser, whichever page shows them."""
