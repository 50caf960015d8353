package io.accrete.sink;

import io.accrete.subscriber.Position;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relations of a sink. What readers name is a view on one of two tables; a space is loaded into the other one, and replacing the view
 * is what makes readers see it, all of it at once. A view keeps its grants, and what others made of it, while the tables come and go.
 *
 * <p>One row of state says which table is served and which is written, and by whom: a sink that begins takes over, and the one before finds
 * that out before it changes anything.
 *
 * <p>All methods are to be called in a transaction.
 */
final class SinkTables {
  static final int NONE = 0;

  private static final Logger log = LoggerFactory.getLogger(SinkTables.class);
  private static final String COLUMNS = "object_id, model_version, image_count, sequence, last_image_id, updated_at, attributes";
  private static final List<String> ROW = List.of("object_id text", "model_version text", "image_count int4", "sequence int8",
      "last_image_id text", "updated_at timestamptz", "attributes jsonb");
  private static final List<String> STATE = List.of("one bool", "writer text", "served int2", "reading int2", "seen_at timestamptz");
  private static final List<String> POSITIONS = List.of("partition int4", "model_version text", "topic_id text", "next_offset int8");
  /** Half of the time for which Kafka keeps the marks of objects that are gone, unless it is configured otherwise. */
  private static final String PATIENCE = "interval '12 hours'";
  private static final String VECTOR_SCHEMA =
      "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";

  private final Database database;
  private final TableName table;
  private final String writer;
  private final EmbeddingColumn embedding;

  private SinkTables(Database database, TableName table, String writer, EmbeddingColumn embedding) {
    this.database = database;
    this.table = table;
    this.writer = writer;
    this.embedding = embedding;
  }

  /**
   * The tables in this database; what is missing is made.
   *
   * @param writer names the sink, among all that ever wrote to the table
   * @param begins whether it takes over; else it must be the one that writes
   * @throws SinkException if there is something else under one of the names, or another sink has taken over
   */
  static SinkTables open(Database database, TableName name, String writer, boolean begins) throws SQLException {
    database.execute("SELECT pg_advisory_xact_lock(hashtext('accrete sink'))"); // two that make the same table at once would fail
    TableName table = name.schema() == null ? name.in(currentSchema(database, name)) : name;
    String asMade = check(database, table);
    EmbeddingColumn column = column(database, asMade);
    SinkTables tables = new SinkTables(database, table, writer, column);
    tables.create();
    if (asMade == null) {
      tables.begin();
    }
    if (begins) {
      database.update("UPDATE " + table.state() + " SET writer = ?", writer);
    }
    if (!database.list("SELECT 1 FROM " + table.state() + " WHERE seen_at < now() - " + PATIENCE).isEmpty()) {
      log.info("The table was last kept up more than 12 hours ago: objects may be gone without a trace, so it is loaded anew");
      database.execute("DELETE FROM " + table.positions());
    }
    tables.requireWriter();
    tables.tellColumn();
    return tables;
  }

  private static String currentSchema(Database database, TableName name) throws SQLException {
    String schema = database.list("SELECT current_schema()").get(0);
    if (schema == null) {
      throw new SinkException("The user's search_path names no schema. Name one: --table SCHEMA." + name, null);
    }
    return schema;
  }

  /** The type of the embeddings that readers see; null if there is no view yet. */
  private static String check(Database database, TableName table) throws SQLException {
    check(database, table.state(), "r", STATE);
    check(database, table.positions(), "r", POSITIONS);
    check(database, table.rows(1), "r", ROW);
    check(database, table.rows(2), "r", ROW);
    return check(database, table.view(), "v", ROW);
  }

  /** Nothing is written into, or dropped, that was not made by a sink. Returns the type of the column behind these, if there is one. */
  private static String check(Database database, String relation, String kind, List<String> expected) throws SQLException {
    List<String> found = database.list("SELECT a.attname || ' ' || t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
        + "WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum", relation);
    List<String> kinds = database.list("SELECT relkind FROM pg_class WHERE oid = to_regclass(?)", relation);
    if (kinds.isEmpty()) {
      return null;
    }
    List<String> rest = found.size() < expected.size() ? List.of() : found.subList(expected.size(), found.size());
    boolean embeddings = expected.equals(ROW);
    if (!kinds.get(0).equals(kind) || found.size() < expected.size() || !found.subList(0, expected.size()).equals(expected)
        || (embeddings ? !rest.equals(List.of("embedding _float4")) && !rest.equals(List.of("embedding vector")) : !rest.isEmpty())) {
      throw new SinkException(relation + " is there already and was not made by this sink: expected "
          + (kind.equals("v") ? "a view" : "a table") + " of " + String.join(", ", expected) + (embeddings ? ", embedding" : "")
          + "; found " + String.join(", ", found)
          + ". Give another --table, or drop it.", null);
    }
    return embeddings ? rest.get(0) : "";
  }

  private static EmbeddingColumn column(Database database, String asMade) throws SQLException {
    if ("embedding _float4".equals(asMade)) {
      return new EmbeddingColumn.Array();
    }
    boolean available = !database.list("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").isEmpty();
    if (available && database.list(VECTOR_SCHEMA).isEmpty()) {
      database.attempt("CREATE EXTENSION vector"); // owners of the database may, as a rule
    }
    List<String> schema = database.list(VECTOR_SCHEMA);
    return schema.isEmpty() ? new EmbeddingColumn.Array() : new EmbeddingColumn.Vector(schema.get(0));
  }

  private void tellColumn() throws SQLException {
    if (embedding instanceof EmbeddingColumn.Vector) {
      return;
    }
    if (database.list(VECTOR_SCHEMA).isEmpty()) {
      String version = database.list("SELECT split_part(current_setting('server_version'), '.', 1)").get(0);
      log.info("There is no pgvector in this database: embeddings are stored as real[], without an index for the nearest. To have vectors "
          + "and an index, install it on the server (Debian: postgresql-{}-pgvector), CREATE EXTENSION vector, DROP VIEW {}, and start the "
          + "sink again", version, table);
    } else {
      log.info("Embeddings are stored as real[], as the table was begun without pgvector. To have vectors and an index, DROP VIEW {}, and "
          + "start the sink again", table);
    }
  }

  private void create() throws SQLException {
    database.execute("CREATE TABLE IF NOT EXISTS " + table.state() + " (one boolean PRIMARY KEY DEFAULT true CHECK (one), "
        + "writer text NOT NULL, served smallint NOT NULL DEFAULT 0, reading smallint NOT NULL DEFAULT 0, "
        + "seen_at timestamptz NOT NULL DEFAULT now())");
    database.execute("CREATE TABLE IF NOT EXISTS " + table.positions() + " (partition integer PRIMARY KEY, model_version text NOT NULL, "
        + "topic_id text NOT NULL, next_offset bigint NOT NULL)");
    database.update("INSERT INTO " + table.state() + " (writer) VALUES (?) ON CONFLICT DO NOTHING", writer);
  }

  /** Nothing is served: all that may be left is removed. */
  private void begin() throws SQLException {
    database.execute("DELETE FROM " + table.positions());
    drop(1);
    drop(2);
    database.execute("UPDATE " + table.state() + " SET served = 0, reading = 0");
    serve(NONE);
  }

  /** The first step of every transaction: this sink still writes. Others wait until the transaction ends. */
  void requireWriter() throws SQLException {
    if (database.update("UPDATE " + table.state() + " SET seen_at = now() WHERE writer = ?", writer) == 0) {
      throw new SinkException("Another sink has taken over table '" + table + "'. Only one may write to it; this one ends, and nothing "
          + "is lost.", null);
    }
  }

  /** Which table readers see; {@link #NONE} if none. */
  int served() throws SQLException {
    return Integer.parseInt(database.list("SELECT served FROM " + table.state()).get(0));
  }

  /** Which table the positions belong to. */
  int reading() throws SQLException {
    return Integer.parseInt(database.list("SELECT reading FROM " + table.state()).get(0));
  }

  List<Position> positions() throws SQLException {
    try (PreparedStatement query =
        database.prepare("SELECT model_version, topic_id, partition, next_offset FROM " + table.positions());
        ResultSet rows = query.executeQuery()) {
      List<Position> positions = new ArrayList<>();
      while (rows.next()) {
        positions.add(new Position(rows.getString(1), rows.getString(2), rows.getInt(3), rows.getLong(4)));
      }
      return positions;
    }
  }

  void keep(Collection<Position> positions) throws SQLException {
    try (PreparedStatement upsert = database.prepare("INSERT INTO " + table.positions() + " VALUES (?, ?, ?, ?) ON CONFLICT (partition) "
        + "DO UPDATE SET model_version = excluded.model_version, topic_id = excluded.topic_id, next_offset = excluded.next_offset")) {
      for (Position position : positions) {
        upsert.setInt(1, position.partition());
        upsert.setString(2, position.modelVersion());
        upsert.setString(3, position.topicId());
        upsert.setLong(4, position.offset());
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  /** A space begins to be read, into this table. */
  void read(int space) throws SQLException {
    database.execute("DELETE FROM " + table.positions());
    drop(space);
    database.execute("UPDATE " + table.state() + " SET reading = " + space);
  }

  private void drop(int space) throws SQLException {
    database.execute("DROP TABLE IF EXISTS " + table.rows(space));
  }

  boolean exists(int space) throws SQLException {
    return !database.list("SELECT 1 WHERE to_regclass(?) IS NOT NULL", table.rows(space)).isEmpty();
  }

  void create(int space, int length) throws SQLException {
    database.execute("CREATE TABLE " + table.rows(space) + " (object_id text PRIMARY KEY, model_version text NOT NULL, "
        + "image_count integer NOT NULL, sequence bigint NOT NULL, last_image_id text NOT NULL, updated_at timestamptz NOT NULL, "
        + "attributes jsonb NOT NULL, embedding " + embedding.type(length) + " NOT NULL)");
  }

  void delete(int space, Collection<String> objectIds) throws SQLException {
    try (PreparedStatement delete = database.prepare("DELETE FROM " + table.rows(space) + " WHERE object_id = ?")) {
      for (String objectId : objectIds) {
        delete.setString(1, objectId);
        delete.addBatch();
      }
      delete.executeBatch();
    }
  }

  void put(int space, Collection<Row> rows) throws SQLException {
    try (PreparedStatement upsert = database.prepare("INSERT INTO " + table.rows(space) + " (" + COLUMNS + ", embedding) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?::" + embedding.anyLength() + ") ON CONFLICT (object_id) DO UPDATE SET "
        + "model_version = excluded.model_version, image_count = excluded.image_count, sequence = excluded.sequence, "
        + "last_image_id = excluded.last_image_id, updated_at = excluded.updated_at, attributes = excluded.attributes, "
        + "embedding = excluded.embedding")) {
      for (Row row : rows) {
        row.set(upsert, embedding);
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  /** Indexes a table that is not served yet, unless it has its index. Takes minutes for a million objects. */
  void index(int space) throws SQLException {
    int length = Integer.parseInt(database.list("SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(?) AND "
        + "attname = 'embedding'", table.rows(space)).get(0)); // of a vector: how many numbers
    String index = embedding.index(table, space, length);
    if (index != null) {
      database.execute(index);
    } else if (embedding instanceof EmbeddingColumn.Vector) {
      log.info("Embeddings of {} numbers are more than pgvector's index takes: the nearest are found by reading all", length);
    }
  }

  /** From now on readers see this table, and the one before is gone. Fails with {@link SqlErrors#LOCK_TIMEOUT} where readers are long. */
  void flip(int from, int to) throws SQLException {
    database.execute("SET LOCAL lock_timeout = '1s'"); // those who come after us in the queue wait for us
    serve(to);
    if (from != NONE) {
      drop(from); // who reads it does so by the view, and nobody reads that now
    }
    database.execute("UPDATE " + table.state() + " SET served = " + to);
  }

  private void serve(int space) throws SQLException {
    database.execute("CREATE OR REPLACE VIEW " + table.view() + " AS SELECT " + (space == NONE
        ? "NULL::text AS object_id, NULL::text AS model_version, NULL::integer AS image_count, NULL::bigint AS sequence, "
            + "NULL::text AS last_image_id, NULL::timestamptz AS updated_at, NULL::jsonb AS attributes, NULL::" + embedding.anyLength()
            + " AS embedding WHERE false"
        // the cast takes the length away: another model's may differ, and the columns of a view cannot be changed
        : COLUMNS + ", embedding::" + embedding.anyLength() + " AS embedding FROM " + table.rows(space)));
  }
}
