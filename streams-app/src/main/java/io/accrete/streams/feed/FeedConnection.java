package io.accrete.streams.feed;

import java.io.OutputStream;

/** The way to a client. */
public interface FeedConnection {
  /** Takes what is sent; waits for the client where it reads slowly. */
  OutputStream out();

  /** Ends the connection at once, also while another thread waits for the client; waits for nothing itself. */
  void cut();
}
