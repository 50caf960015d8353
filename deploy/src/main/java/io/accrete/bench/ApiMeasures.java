package io.accrete.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the HTTP API answers.
 *
 * @param objects that there are
 * @param clients that ask at the same time, each again as soon as it has its answer
 * @param capacity images a second that came out when all were sent at once
 * @param ingested images a second that were sent beside
 * @param get of one object with its embedding
 * @param similar of ten neighbours of one object
 */
public record ApiMeasures(int objects, int clients, double capacity, double ingested, Compared get, Compared similar) {
  /** Requests that failed; none may. */
  @JsonProperty
  public int errors() {
    return get.alone.errors + get.beside.errors + similar.alone.errors + similar.beside.errors;
  }

  /**
   * Requests of one kind.
   *
   * @param alone with nothing else going on
   * @param beside while photos are ingested
   */
  public record Compared(Answered alone, Answered beside) {
    /** Answers a second beside ingest by those alone. */
    @JsonProperty
    public double rateRatio() {
      return beside.perSecond / alone.perSecond;
    }

    /** The same of the 99th percentiles of how long they took. */
    @JsonProperty
    public double p99Ratio() {
      return beside.latencies.p99() / alone.latencies.p99();
    }
  }

  /**
   * Requests that were answered.
   *
   * @param perSecond of all clients together
   * @param latencies of each, of which {@code events} is the number
   * @param errors answers that were none
   */
  public record Answered(double perSecond, Latencies latencies, int errors) {}
}
