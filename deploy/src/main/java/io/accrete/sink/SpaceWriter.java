package io.accrete.sink;

import io.accrete.events.ObjectEmbedding;
import io.accrete.subscriber.EmbeddingListener;
import io.accrete.subscriber.Position;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what a subscription delivers, in transactions of rows and positions, and makes a space visible when it is complete. */
final class SpaceWriter implements EmbeddingListener {
  private static final Logger log = LoggerFactory.getLogger(SpaceWriter.class);
  private static final int BATCH = 500;
  private static final long SIGN_OF_LIFE_NANOS = 30_000_000_000L;

  private final Database database;
  private final SinkTables tables;
  private final SinkListener listener;
  private final Map<String, Row> changed = new LinkedHashMap<>(); // null: gone; of each object the latest
  private final Map<Integer, Position> positions = new HashMap<>();
  private final int[] space = new int[2]; // served, and read
  private String version;
  private boolean exists; // the table that is read into
  private boolean indexed;
  private boolean complete;
  private boolean toldOfReaders;
  private long loaded;
  private long written = System.nanoTime();

  SpaceWriter(Database database, SinkTables tables, SinkListener listener) {
    this.database = database;
    this.tables = tables;
    this.listener = listener;
  }

  /** An exception that the listener's signature has no room for. */
  static final class Failed extends RuntimeException {
    private final SQLException reason;

    Failed(SQLException reason) {
      super(reason);
      this.reason = reason;
    }

    SQLException reason() {
      return reason;
    }
  }

  private interface Step {
    void run() throws SQLException;
  }

  private void transaction(Step step) {
    try {
      database.transaction(() -> {
        tables.requireWriter();
        step.run();
        return null;
      });
      written = System.nanoTime();
    } catch (SQLException e) {
      throw new Failed(e);
    }
  }

  private int served() {
    return space[0];
  }

  private int reading() {
    return space[1];
  }

  private boolean loading() {
    return served() != reading();
  }

  @Override
  public void onSpace(String modelVersion, boolean reset) {
    version = modelVersion;
    changed.clear();
    positions.clear();
    complete = false;
    indexed = false;
    loaded = 0;
    transaction(() -> {
      space[0] = tables.served();
      if (reset) {
        space[1] = served() == 1 ? 2 : 1;
        tables.read(reading());
      } else {
        space[1] = tables.reading();
      }
      exists = tables.exists(reading());
    });
    if (loading() && served() != SinkTables.NONE) {
      log.info("Loading model version '{}' beside the one that readers see", modelVersion);
    }
  }

  @Override
  public void onEmbedding(String objectId, ObjectEmbedding embedding, Position position) {
    change(objectId, new Row(objectId, embedding), position);
  }

  @Override
  public void onGone(String objectId, Position position) {
    change(objectId, null, position);
  }

  private void change(String objectId, Row row, Position position) {
    positions.put(position.partition(), position);
    if (Row.canHold(objectId)) {
      changed.put(objectId, row);
    } else if (row != null) {
      log.warn("Object '{}' is left out: its id holds a NUL, which PostgreSQL's text cannot hold", objectId.replace('\0', '\uFFFD'));
    }
    if (changed.size() >= BATCH) {
      write();
    }
  }

  @Override
  public void onCaughtUp() {
    complete = true;
  }

  @Override
  public void onPause() {
    write();
    if (complete && loading()) {
      makeVisible();
    }
    if (System.nanoTime() - written > SIGN_OF_LIFE_NANOS) {
      transaction(() -> { }); // all that there is was read: positions are as good as new
    }
  }

  private void write() {
    if (positions.isEmpty()) {
      return;
    }
    List<Row> rows = changed.values().stream().filter(row -> row != null).toList();
    List<String> gone = changed.entrySet().stream().filter(change -> change.getValue() == null).map(Map.Entry::getKey).toList();
    boolean creates = !exists && !rows.isEmpty();
    transaction(() -> {
      if (creates) {
        tables.create(reading(), rows.get(0).value().getVector().size());
      }
      if (exists) {
        tables.delete(reading(), gone);
      }
      tables.put(reading(), rows);
      tables.keep(positions.values());
    });
    exists |= creates;
    loaded += changed.size();
    changed.clear();
    positions.clear();
    if (loading()) {
      listener.loaded(loaded);
    }
  }

  private void makeVisible() {
    if (exists && !indexed) {
      transaction(() -> tables.index(reading()));
      indexed = true;
    }
    int next = exists ? reading() : SinkTables.NONE; // there is no object: readers see none, until there is one
    if (next == served()) {
      return;
    }
    try {
      transaction(() -> tables.flip(served(), next));
    } catch (Failed e) {
      if (!SqlErrors.state(e.reason()).equals(SqlErrors.LOCK_TIMEOUT)) {
        throw e;
      }
      if (!toldOfReaders) {
        log.info("Model version '{}' is complete; waiting for a long transaction of a reader to end, to show it", version);
        toldOfReaders = true;
      }
      return;
    }
    space[0] = next;
    toldOfReaders = false;
    log.info("Readers see model version '{}'", version);
    listener.served();
  }
}
