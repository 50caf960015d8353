package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the size of the state does.
 *
 * @param objects in the state
 * @param firstImagesPerSecond one photo each, the first tenth of the objects
 * @param lastImagesPerSecond the last tenth
 * @param secondImagesPerSecond second photos, of a tenth of the objects anywhere in the state
 * @param stateBytes on disk in the end
 * @param restoreSeconds it took to restore the state from its changelogs into an empty directory
 */
public record ScaleMeasures(int objects, double firstImagesPerSecond, double lastImagesPerSecond, double secondImagesPerSecond,
    long stateBytes, double restoreSeconds) {
  /** The last tenth by the first. */
  @JsonProperty
  public double ratioLastToFirst() {
    return lastImagesPerSecond / firstImagesPerSecond;
  }

  /** Second photos by the first tenth. */
  @JsonProperty
  public double ratioSecondToFirst() {
    return secondImagesPerSecond / firstImagesPerSecond;
  }

  /** On disk. */
  @JsonProperty
  public double bytesPerObject() {
    return (double) stateBytes / objects;
  }

  @JsonProperty
  public double restoredObjectsPerSecond() {
    return objects / restoreSeconds;
  }

  /** By the rate at which the last tenth of them was folded. */
  @JsonProperty
  public double ratioRestoredToFolded() {
    return restoredObjectsPerSecond() / lastImagesPerSecond;
  }
}
