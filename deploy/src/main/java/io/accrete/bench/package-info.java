/**
 * Benchmarks, each a ratio of two things measured in one run: the app beside its bare encoder, beside the same job on Apache Flink and in
 * other ways, the trainer's step beside the plainest code that does the same, a rollout beside folding from nothing.
 */
package io.accrete.bench;
