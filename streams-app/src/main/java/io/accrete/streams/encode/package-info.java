/** The interface between the topology and the models it folds with. */
package io.accrete.streams.encode;
