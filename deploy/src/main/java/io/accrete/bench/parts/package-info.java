/** The small parts of a photo's way, each alone, for JMH, which finds them by their annotations and runs them in processes of their own. */
package io.accrete.bench.parts;
