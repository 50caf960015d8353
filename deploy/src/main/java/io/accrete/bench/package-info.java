/**
 * Benchmarks: the trainer's step against the plainest code that does the same; a rollout against folding from nothing; the app against its
 * bare encoder, and against the same job on Apache Flink.
 */
package io.accrete.bench;
