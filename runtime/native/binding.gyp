{
  "targets": [
    {
      "target_name": "aevent",
      "sources": [
        "addon.cc",
        "node/addon-calls.cc",
        "node/imports.cc",
        "node/scopes.cc",
        "node/after-poll.cc",
        "node/alarm.cc",
        "node/ambient.cc",
        "collections/callback-order.cc",
        "collections/parked-stacks.cc",
        "collections/v8-threads.cc",
        "stacks/carrier-fiber.cc",
        "stacks/carrier-thread.cc",
        "node/debugger.cc",
        "node/loop-watch.cc",
        "stacks/headroom.cc",
        "hub/hub-ambient.cc",
        "hub/hub-carriers.cc",
        "hub/hub-errors.cc",
        "hub/hub-in-place.cc",
        "hub/hub-inspect.cc",
        "hub/hub-run.cc",
        "hub/hub.cc",
        "node/loop-gaps.cc",
        "node/loop-turns.cc",
        "node/microtask-queue.cc",
        "node/natives-syntax.cc",
        "node/readiness.cc",
        "node/sampler.cc",
        "preemption/place.cc",
        "preemption/preemptor.cc",
        "stacks/fork-marks.cc",
        "stacks/memory-limit.cc",
        "stacks/slabs.cc",
        "stacks/stack.cc",
        "stacks/stack-limit.cc",
        "stacks/platform/switch-arm64.cc",
        "stacks/platform/switch-x64.cc",
        "stacks/thread-identity.cc"
      ],
      "include_dirs": ["."],
      # The addons are most of what users download: -O3, which node-gyp adds, makes them larger by half.
      "cflags": ["-Os", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections"],
      "configurations": { "Release": { "cflags!": ["-O3"] } },
      "conditions": [
        # A worker thread that loads the addon and ends must not unmap the code of stacks that still exist. Names for debuggers
        # are a sixth of what users download.
        ["OS=='linux'", { "ldflags": ["-Wl,-z,nodelete", "-Wl,-s", "-Wl,--gc-sections"] }]
      ]
    }
  ]
}
