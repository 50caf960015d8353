package io.accrete.streams.topology;

/** A model failed at an image, and the fault is not known to be the image's. Of the model that is served it is nobody's: thrown on. */
final class ModelFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ModelFailedException(String version, RuntimeException cause) {
    super("Model " + version + " failed: " + cause.getMessage(), cause);
  }
}
