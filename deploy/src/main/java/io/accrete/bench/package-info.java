/** Benchmarks: the product's own code against the plainest code that does the same. */
package io.accrete.bench;
