/** Benchmarks: the trainer's step against the plainest code that does the same; a rollout against folding from nothing. */
package io.accrete.bench;
