"""radcompare: do deep features beat handcrafted radiomics here, and is the difference more than luck?"""

__version__ = "0.1.0"
