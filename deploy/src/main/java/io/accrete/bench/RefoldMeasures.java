package io.accrete.bench;

/**
 * All objects folded again under another version, without live events, as fast as it can be.
 *
 * @param version the model version
 * @param images that were folded
 * @param imagesPerSecond between the first and the last embedding that could be read; 0: they came all at once
 * @param seconds from the beginning of the sweep to the flip
 * @param encoded images that the encoder was called for
 * @param proof of what is published then
 */
public record RefoldMeasures(String version, long images, double imagesPerSecond, double seconds, long encoded, Proof proof) {}
