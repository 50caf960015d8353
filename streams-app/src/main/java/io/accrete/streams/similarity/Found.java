package io.accrete.streams.similarity;

import java.util.List;
import java.util.SortedSet;

/**
 * An answer about the objects of this instance.
 *
 * @param total number of objects in these partitions, whatever was asked for
 * @param partitions those that were searched, every object of them
 */
public record Found<T>(List<T> found, long total, SortedSet<Integer> partitions) {}
