/// Environment variables that the system and its programs set. They hold no key, and others know or can guess them.
public enum WellKnownVariables {
  private static let names: Set<String> = [
    "PATH", "HOME", "USER", "USERNAME", "LOGNAME", "SHELL", "PWD", "OLDPWD", "LANG", "LANGUAGE", "TERM", "COLORTERM",
    "TMPDIR", "TEMP", "TMP", "HOST", "HOSTNAME", "HOSTTYPE", "MACHTYPE", "OSTYPE", "MAIL", "EDITOR", "VISUAL", "PAGER",
    "DISPLAY", "SHLVL", "TZ", "PS1", "PS2", "PS4", "IFS", "MANPATH", "INFOPATH", "CDPATH", "PYTHONPATH", "CLASSPATH",
    "JAVA_HOME", "LS_COLORS", "LESSOPEN", "LESSCLOSE", "BROWSER", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID",
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "MAILTO", "_",
    "GPG_TTY", "SUDO_USER", "SUDO_UID", "SUDO_GID", "SUDO_COMMAND", "CI", "OPENSSL_CONF", "OPENSSL_MODULES",
  ]
  private static let families = [
    "LC_", "XDG_", "SSH_", "BASH_", "LD_", "KUBERNETES_", "AIRFLOW_CTX_", "GITHUB_", "MEMORY_PRESSURE_",
  ]

  public static func contain(_ name: String) -> Bool {
    names.contains(name) || families.contains { name.hasPrefix($0) }
  }
}
