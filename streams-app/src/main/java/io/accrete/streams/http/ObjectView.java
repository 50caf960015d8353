package io.accrete.streams.http;

import io.accrete.state.LedgerEntry;
import io.accrete.state.ObjectState;
import java.util.List;

/**
 * One object as the stores hold it.
 *
 * @param embedding the embedding of the object under {@code modelVersion}, unit length
 * @param ledger the object's images in order of sequence, where they were asked for
 */
public record ObjectView(String objectId, String modelVersion, float[] embedding, ObjectState state, List<LedgerEntry> ledger) {}
