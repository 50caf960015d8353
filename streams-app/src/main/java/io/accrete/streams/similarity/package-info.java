/** Search among the objects of an instance, in step with its stores: nearest objects, newest objects, and a map of them. */
package io.accrete.streams.similarity;
