/** The running application: configuration, thread replacement, queries and health over Kafka Streams. */
package io.accrete.streams;
