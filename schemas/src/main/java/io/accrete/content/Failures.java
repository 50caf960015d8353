package io.accrete.content;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;

/** What an I/O failure means, in words of our own: exception texts may repeat URLs with their signatures. */
final class Failures {
  private Failures() {}

  static String describe(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String words = words(cause);
      if (words != null) {
        return words;
      }
    }
    return failure.getClass().getSimpleName();
  }

  private static String words(Throwable failure) {
    if (failure instanceof UnknownHostException) {
      return "the host name cannot be resolved";
    }
    if (failure instanceof ConnectTimeoutException) {
      return "no connection in time";
    }
    if (failure instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
      return "no connection";
    }
    if (failure instanceof SSLException) {
      return "the TLS handshake failed; is the certificate one that this JDK trusts";
    }
    if (failure instanceof NoHttpResponseException) {
      return "the server closed the connection without an answer";
    }
    if (failure instanceof AccessDeniedException) {
      return "the permission to read it is missing";
    }
    if (failure instanceof FileSystemException refused && refused.getReason() != null) {
      return refused.getReason(); // the system's own words, without the path
    }
    return null;
  }
}
