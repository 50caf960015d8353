package io.accrete.sink;

import java.util.List;

/** How embeddings are stored: as pgvector's vectors, or as arrays where that extension is not installed. */
sealed interface EmbeddingColumn {
  /** The column's type, for embeddings of this length. */
  String type(int length);

  /** The type without a length: what readers see, whichever the model. */
  String anyLength();

  /** An embedding as PostgreSQL reads it. */
  String literal(List<Float> embedding);

  /** The statement that indexes a full table for the nearest by inner product, or null if such embeddings are not indexed. */
  String index(TableName table, int space, int length);

  /** {@code real[]}. */
  record Array() implements EmbeddingColumn {
    @Override
    public String type(int length) {
      return anyLength();
    }

    @Override
    public String anyLength() {
      return "real[]";
    }

    @Override
    public String literal(List<Float> embedding) {
      return list(embedding, '{', '}');
    }

    @Override
    public String index(TableName table, int space, int length) {
      return null;
    }
  }

  /**
   * pgvector's.
   *
   * @param schema where the extension lives
   */
  record Vector(String schema) implements EmbeddingColumn {
    private static final int MOST_INDEXED = 2_000; // dimensions, by HNSW

    @Override
    public String type(int length) {
      return anyLength() + "(" + length + ")";
    }

    @Override
    public String anyLength() {
      return TableName.quote(schema) + ".vector";
    }

    @Override
    public String literal(List<Float> embedding) {
      return list(embedding, '[', ']');
    }

    @Override
    public String index(TableName table, int space, int length) {
      return length > MOST_INDEXED ? null : "CREATE INDEX IF NOT EXISTS " + table.index(space) + " ON " + table.rows(space)
          + " USING hnsw (embedding " + TableName.quote(schema) + ".vector_ip_ops)";
    }
  }

  /** Floats as Java writes them are the shortest text that is read back to the same bits. */
  private static String list(List<Float> embedding, char open, char close) {
    StringBuilder text = new StringBuilder(embedding.size() * 12).append(open);
    for (int i = 0; i < embedding.size(); i++) {
      text.append(i == 0 ? "" : ",").append(embedding.get(i).floatValue());
    }
    return text.append(close).toString();
  }
}
