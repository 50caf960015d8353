package io.accrete.flink;

import java.util.Map;

/**
 * What is kept of an image beside its bytes.
 *
 * @param sequence its place in the order of folding
 */
public record LedgerEntry(long sequence, byte[] sha256, Map<String, String> attributes) {}
