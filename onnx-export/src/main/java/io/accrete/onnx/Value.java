package io.accrete.onnx;

/**
 * A value in the graph being traced.
 *
 * @param name its name in the graph
 */
public record Value(String name) {}
