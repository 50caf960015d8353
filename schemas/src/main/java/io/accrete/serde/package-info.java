/**
 * Avro records in the Confluent wire format, which is what schema registry users' tools expect on their topics.
 *
 * <p>Confluent's own serdes are not on Maven Central, so the build cannot depend on them. These are small ones over the public REST
 * API; the classes are named in configuration ({@code serializer.class}, {@code deserializer.class}) and configured by Confluent's
 * setting names, so that whoever has Confluent's jars puts them on the class path and names them instead.
 */
package io.accrete.serde;
