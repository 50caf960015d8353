package io.accrete.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.Driver;

/** One connection to the database. */
final class Database implements AutoCloseable {
  private final Connection connection;

  Database(SinkSettings settings) throws SQLException {
    connection = new Driver().connect(settings.url(), settings.connection());
    connection.setAutoCommit(false);
  }

  /** What belongs into one transaction. */
  interface Work<T> {
    T run() throws SQLException;
  }

  /** Does the work in a transaction, or nothing of it. */
  <T> T transaction(Work<T> work) throws SQLException {
    try {
      T result = work.run();
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.rollback();
      } catch (SQLException gone) {
        e.addSuppressed(gone); // then the server rolls back
      }
      throw e;
    }
  }

  PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Executes a statement whose failure leaves the transaction as it was; whether it succeeded. */
  boolean attempt(String sql) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      execute(sql);
      return true;
    } catch (SQLException e) {
      connection.rollback(before);
      return false;
    }
  }

  /** Executes an update; how many rows it changed. */
  int update(String sql, String... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql)) {
      set(statement, parameters);
      return statement.executeUpdate();
    }
  }

  /** The first column of all rows. */
  List<String> list(String sql, String... parameters) throws SQLException {
    try (PreparedStatement statement = prepare(sql)) {
      set(statement, parameters);
      List<String> values = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          values.add(rows.getString(1));
        }
      }
      return values;
    }
  }

  private static void set(PreparedStatement statement, String... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setString(i + 1, parameters[i]);
    }
  }

  /** Cuts the connection under a thread that uses it; for any thread. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // it is gone already
    }
  }
}
