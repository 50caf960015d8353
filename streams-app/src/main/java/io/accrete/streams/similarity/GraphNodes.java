package io.accrete.streams.similarity;

import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The nodes of a graph by number: which object each stands for, and where. Written by one thread, read by many. */
final class GraphNodes implements RandomAccessVectorValues {
  private static final Logger JVECTOR = Logger.getLogger("io.github.jbellis.jvector"); // kept, for the level would be forgotten with it
  private static final VectorTypeSupport TYPES;
  private static final int FIRST = 1024;

  static {
    JVECTOR.setLevel(Level.SEVERE); // it warns of JDKs older than 20, whose users have done nothing wrong
    TYPES = VectorizationProvider.getInstance().getVectorTypeSupport();
  }

  /**
   * A node.
   *
   * @param embedding the very array that the object had when it came here
   * @param vector the same for JVector
   */
  record Node(Slot slot, float[] embedding, VectorFloat<?> vector) {}

  private final int dimension;
  private final Deque<Integer> free = new ArrayDeque<>();
  private volatile Node[] nodes = new Node[FIRST]; // replaced after each change, so that others see what is in it
  private int size;

  GraphNodes(int dimension) {
    this.dimension = dimension;
  }

  static VectorFloat<?> vector(float[] values) {
    return TYPES.createFloatVector(values);
  }

  /** A new node; its number. */
  int add(Slot slot, float[] embedding) {
    int number = free.isEmpty() ? size++ : free.pop();
    set(number, new Node(slot, embedding, vector(embedding)));
    return number;
  }

  /** The object has the same embedding in another array now. */
  void replace(int number, float[] equal) {
    set(number, new Node(nodes[number].slot, equal, vector(equal)));
  }

  /** Nothing refers to the node any more. */
  void remove(int number) {
    set(number, null);
    free.push(number);
  }

  private void set(int number, Node node) {
    Node[] now = number < nodes.length ? nodes : Arrays.copyOf(nodes, 2 * nodes.length);
    now[number] = node;
    nodes = now;
  }

  Node get(int number) {
    return nodes[number];
  }

  @Override
  public int size() {
    return nodes.length; // more than there are, so that no number is out of bounds while another is added
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public VectorFloat<?> getVector(int number) {
    return nodes[number].vector;
  }

  @Override
  public boolean isValueShared() {
    return false;
  }

  @Override
  public RandomAccessVectorValues copy() {
    return this;
  }
}
