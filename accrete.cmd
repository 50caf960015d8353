@echo off
rem Runs Accrete's command line, building it first where it is missing. After a change of the sources, delete deploy\target\accrete.
setlocal
set "HOME_DIR=%~dp0"
set "OUT=%HOME_DIR%deploy\target\accrete"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
if defined JAVA_HOME (if not exist "%JAVA%.exe" goto nojava) else (where java >nul 2>nul || goto nojava)
if not exist "%OUT%\built" (
  where mvn >nul 2>nul
  if errorlevel 1 (
    echo accrete: Maven is not installed. Install Maven 3.8.7 or newer: it builds Accrete on first use. 1>&2
    exit /b 1
  )
  echo accrete: first use; building, the first time Maven fetches the libraries, which takes some minutes ... 1>&2
  if exist "%OUT%" rmdir /s /q "%OUT%"
  pushd "%HOME_DIR%"
  call mvn -B -q %ACCRETE_MAVEN_ARGS% -Dmaven.test.skip=true package 1>&2
  if errorlevel 1 (
    popd
    echo accrete: the build failed; its messages are above. A JDK, 17 or newer, and Maven 3.8.7 or newer are needed. 1>&2
    exit /b 1
  )
  popd
  echo built> "%OUT%\built"
)
rem Short commands: a quick start matters more than peak speed.
set "SHORT=-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
for %%c in (demo serve train bench eval vectors models ingest) do if "%~1"=="%%c" set "SHORT="
"%JAVA%" -XX:+IgnoreUnrecognizedVMOptions -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %SHORT% %ACCRETE_JAVA_OPTS% -cp "%OUT%\lib\*" io.accrete.cli.Accrete %*
exit /b %errorlevel%

:nojava
echo accrete: Java is not installed (looked for '%JAVA%'). Install a JDK, 17 or newer, or set JAVA_HOME to one. 1>&2
exit /b 1
