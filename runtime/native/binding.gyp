{
  "targets": [
    {
      "target_name": "aevent",
      "sources": [
        "addon.cc",
        "addon-scopes.cc",
        "after-poll.cc",
        "ambient.cc",
        "carrier-fiber.cc",
        "carrier-thread.cc",
        "debugger.cc",
        "headroom.cc",
        "hub-ambient.cc",
        "hub-carriers.cc",
        "hub-errors.cc",
        "hub-in-place.cc",
        "hub-inspect.cc",
        "hub.cc",
        "microtask-queue.cc",
        "readiness.cc",
        "sampler.cc",
        "stack.cc",
        "stack-limit.cc",
        "switch-arm64.cc",
        "switch-x64.cc",
        "thread-identity.cc"
      ],
      "cflags": ["-O2", "-fvisibility=hidden"],
      "conditions": [
        # A worker thread that loads the addon and ends must not unmap the code of stacks that still exist.
        ["OS=='linux'", { "ldflags": ["-Wl,-z,nodelete"] }]
      ]
    }
  ]
}
