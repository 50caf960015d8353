package io.accrete.sink;

import java.sql.SQLException;

/** What an error of PostgreSQL means. */
final class SqlErrors {
  static final String LOCK_TIMEOUT = "55P03";

  private SqlErrors() {}

  /** The connection, the server or its room is not there now: it may come back by itself. */
  static boolean isPassing(SQLException error) {
    String state = state(error);
    return !state.equals("08004") // the server refuses this connection
        && (state.startsWith("08") // connections
            || state.startsWith("53") // resources: disk, memory, connections
            || state.startsWith("40") // conflicts with other transactions
            || state.startsWith("57P") // shut down, starting, restarted, or the database is gone
            || state.equals("25006")); // a standby, before it takes over
  }

  static String state(SQLException error) {
    return error.getSQLState() == null ? "" : error.getSQLState();
  }

  /** For a person. */
  static SinkException told(SQLException error, SinkSettings settings) {
    String said = "PostgreSQL at " + settings.place() + " says: " + error.getMessage() + ". ";
    return new SinkException(said + switch (state(error)) {
      case "28P01", "28000", "08004" -> "Check --user '" + settings.user() + "' and the password (ACCRETE_SINK_PASSWORD or "
          + "--password-file), and that pg_hba.conf lets this machine in.";
      case "3D000" -> "Create the database, or correct --url.";
      case "3F000" -> "Create the schema (CREATE SCHEMA), or correct --table.";
      case "42501" -> "User '" + settings.user() + "' needs the right to create tables in the schema of '" + settings.table()
          + "' (GRANT USAGE, CREATE ON SCHEMA), and must own those of the sink.";
      case "2BP01" -> "Something was made that depends on the sink's own tables; let it depend on '" + settings.table()
          + "' alone.";
      case "42703", "42P01", "42804", "42P16" -> "A table of the sink is not as the sink made it: drop '" + settings.table()
          + "' and the tables whose names begin with '" + settings.table() + "_', or give another --table.";
      default -> "(SQLSTATE " + state(error) + ")";
    }, error);
  }
}
