"""A notebook and its kernel become a `Task`, each need with its evidence."""
