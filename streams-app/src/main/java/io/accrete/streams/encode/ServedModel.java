package io.accrete.streams.encode;


/**
 * One model version as the topology uses it. Encoder and folder belong to this version for good, so no state can mix versions.
 *
 * @param version the model version
 * @param encoderHash SHA-256 of the encoder, 32 bytes
 * @param tokenFloats floats of one image's tokens, T·D
 */
public record ServedModel(String version, byte[] encoderHash, int tokenFloats, ImageEncoder encoder, StateFolder folder) {}
