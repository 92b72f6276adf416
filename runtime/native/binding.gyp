{
  "targets": [
    {
      "target_name": "aevent",
      "sources": [
        "addon.cc"
      ],
      "cflags": ["-O2", "-fvisibility=hidden"],
      "conditions": [
        # A worker thread that loads the addon and ends must not unmap the code of stacks that still exist.
        ["OS=='linux'", { "ldflags": ["-Wl,-z,nodelete"] }]
      ]
    }
  ]
}
