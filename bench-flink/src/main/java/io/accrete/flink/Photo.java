package io.accrete.flink;

import java.util.Map;

/**
 * An event that adds an image by value.
 *
 * @param timestamp of the record, milliseconds
 * @param partition in which it was
 * @param offset at which it was
 */
public record Photo(String objectId, String imageId, byte[] content, Map<String, String> attributes, long timestamp, int partition,
    long offset) {}
