/** Current embeddings in the table of a PostgreSQL database: {@code accrete sink postgres}. */
package io.accrete.sink;
