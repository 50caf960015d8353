/** The app's job on Apache Flink: image events in, embeddings out, exactly once. What the app has beyond that is not here. */
package io.accrete.flink;
