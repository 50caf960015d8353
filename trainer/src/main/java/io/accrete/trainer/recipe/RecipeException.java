package io.accrete.trainer.recipe;

/** A recipe cannot be used; the message says which part, what was expected and what was found. */
public final class RecipeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public RecipeException(String message) {
    super(message);
  }
}
