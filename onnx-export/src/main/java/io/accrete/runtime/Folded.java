package io.accrete.runtime;

/**
 * What folding one image into an object gives.
 *
 * @param state the object's next state, S·D floats
 * @param embedding its embedding, E floats, unit length
 */
public record Folded(float[] state, float[] embedding) {}
