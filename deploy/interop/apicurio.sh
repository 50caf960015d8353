#!/usr/bin/env bash
# Our registry client and serdes against a registry of other people's: Apicurio Registry, through its Confluent-compatible API.
#
#   deploy/interop/apicurio.sh
#
# Fetches Apicurio Registry by Maven (152 MB, once), runs it in memory on loopback, and runs the test class ClientAndServerTest against it.
# Apicurio needs Java 21 or newer: JAVA_HOME_21 names one, else the newest below /usr/lib/jvm or JAVA_HOME is taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=3.3.3
port=${APICURIO_PORT:-18081}
management_port=${APICURIO_MANAGEMENT_PORT:-18082}
home=$PWD/deploy/target/apicurio-$version

java21() {
  local candidate release
  for candidate in "${JAVA_HOME_21:-}" "${JAVA_HOME:-}" $(ls -d /usr/lib/jvm/*/ 2>/dev/null | sort -r); do
    [[ -x $candidate/bin/java ]] || continue
    release=$("$candidate/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.specification.version = //p')
    [[ ${release%%.*} -ge 21 ]] && { echo "$candidate/bin/java"; return; }
  done
  echo "Apicurio Registry needs Java 21 or newer and none was found: set JAVA_HOME_21." >&2
  exit 1
}

java=$(java21)
if [[ ! -f $home/quarkus-run.jar ]]; then
  mkdir -p "$home"
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
    -Dartifact="io.apicurio:apicurio-registry-app:$version:tar.gz:all" -DoutputDirectory="$home"
  tar -xzf "$home"/apicurio-registry-app-*.tar.gz -C "$home"
  rm "$home"/apicurio-registry-app-*.tar.gz
fi

# Apicurio checks no compatibility unless told; everything it opens is on loopback.
"$java" -Xmx512m \
  -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" \
  -Dquarkus.management.host=127.0.0.1 -Dquarkus.management.port="$management_port" \
  -jar "$home/quarkus-run.jar" >"$home/apicurio.log" 2>&1 &
apicurio=$!
trap 'kill $apicurio 2>/dev/null; wait $apicurio 2>/dev/null || true' EXIT

url=http://127.0.0.1:$port/apis/ccompat/v7
echo "Waiting for Apicurio Registry $version at $url"
for _ in $(seq 120); do
  kill -0 $apicurio 2>/dev/null || { echo "Apicurio Registry stopped; see $home/apicurio.log" >&2; exit 1; }
  curl -fs "$url/subjects" >/dev/null && break
  sleep 1
done
curl -fs "$url/subjects" >/dev/null || { echo "Apicurio Registry does not answer; see $home/apicurio.log" >&2; exit 1; }

ACCRETE_TEST_REGISTRY_URL=$url mvn -B --no-transfer-progress -pl deploy -am -Dtest=ClientAndServerTest -Dsurefire.failIfNoSpecifiedTests=false test
