package io.accrete.flink;

import java.util.Map;

/**
 * What is kept of an object, whatever the number of its images.
 *
 * @param sequence number of changes so far
 * @param state S·D floats
 * @param attributes of its images, later ones overriding
 */
public record ObjectLatent(int images, long sequence, float[] state, Map<String, String> attributes) {}
