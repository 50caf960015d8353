package io.accrete.subscriber;

/**
 * A place in the embeddings topic of one model version. A service that stores the latest position of each partition in the same transaction
 * as what it makes of the update goes on behind it after a restart, with no update left out and none delivered twice.
 *
 * <p>It is good for as long as the topic keeps the marks of objects that are gone (its {@code delete.retention.ms}, by default a day): a
 * service that was away for longer starts without positions, else it may keep objects that are gone.
 *
 * @param topicId Kafka's id of the topic, so that a topic made anew under the same name is told from the one before
 * @param offset of the next record to read
 */
public record Position(String modelVersion, String topicId, int partition, long offset) {}
