@echo off
rem Runs Accrete's command line, building it first where it is missing. After a change of the sources, delete deploy\target\accrete.
setlocal
set "HOME_DIR=%~dp0"
set "OUT=%HOME_DIR%deploy\target\accrete"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
where mvn >nul 2>nul
if not exist "%OUT%\built" (
  if errorlevel 1 (
    echo accrete: Maven is not installed. Install Maven 3.8.7 or newer: it builds Accrete on first use. 1>&2
    exit /b 1
  )
  echo accrete: first use; building ... 1>&2
  pushd "%HOME_DIR%"
  call mvn -B -q -Dmaven.test.skip=true package 1>&2
  if errorlevel 1 (
    popd
    echo accrete: the build failed; its messages are above. A JDK, 17 or newer, and Maven 3.8.7 or newer are needed. 1>&2
    exit /b 1
  )
  popd
  echo built> "%OUT%\built"
)
"%JAVA%" -XX:+IgnoreUnrecognizedVMOptions -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow %ACCRETE_JAVA_OPTS% -cp "%OUT%\lib\*" io.accrete.cli.Accrete %*
exit /b %errorlevel%
