package io.accrete.registry;

import org.apache.avro.Schema;

/** A version of a subject. */
public record RegisteredSchema(String subject, int version, int id, Schema schema) {}
