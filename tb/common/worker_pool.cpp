// SPDX-License-Identifier: Apache-2.0
#include "tb/common/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "models/arch/error.h"

namespace vitruvian::tb {
namespace {

// A child process: told items over one pipe, answering with lines over another.
struct Worker {
  pid_t pid = -1;
  int to = -1, from = -1;
  std::string received;
  std::uint64_t item = 0;
  bool busy = false;
};

[[noreturn]] void serve(int from, int to, const std::function<std::string(std::uint64_t)>& work) {
  std::uint64_t item = 0;
  while (::read(from, &item, sizeof item) == sizeof item) {
    const std::string line = work(item) + '\n';
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t size = ::write(to, line.data() + done, line.size() - done);
      if (size <= 0) ::_exit(1);
      done += static_cast<std::size_t>(size);
    }
  }
  ::_exit(0);
}

Worker start(const std::function<std::string(std::uint64_t)>& work, const std::vector<Worker>& others) {
  int down[2], up[2];
  ensure(::pipe(down) == 0 && ::pipe(up) == 0, "pipe");
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  ensure(pid >= 0, "fork");
  if (pid == 0) {
    for (const Worker& other : others) {  // or they would never see the end of their items
      ::close(other.to);
      ::close(other.from);
    }
    ::close(down[1]);
    ::close(up[0]);
    serve(down[0], up[1], work);
  }
  ::close(down[0]);
  ::close(up[1]);
  Worker worker;
  worker.pid = pid;
  worker.to = down[1];
  worker.from = up[0];
  return worker;
}

std::string finish(Worker& worker) {
  ::close(worker.to);
  ::close(worker.from);
  int status = 0;
  ::waitpid(worker.pid, &status, 0);
  worker.pid = -1;
  if (WIFSIGNALED(status)) {
    return fmt::format("killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

bool give(Worker& worker, std::uint64_t item) {
  worker.item = item;
  worker.busy = ::write(worker.to, &item, sizeof item) == sizeof item;
  return worker.busy;
}

}  // namespace

void run_workers(std::uint64_t items, unsigned jobs, const std::function<std::string(std::uint64_t)>& work,
                 const std::function<void(const WorkerAnswer&)>& take) {
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);  // a dead worker is found when it is read
  std::vector<Worker> workers;
  std::uint64_t next = 0, open = 0;
  const auto feed = [&](Worker& worker) {
    if (next == items) return;
    if (give(worker, next)) ++open;
    ++next;
  };
  for (unsigned j = 0; j < std::max(jobs, 1u) && j < items; ++j) workers.push_back(start(work, workers));
  for (Worker& worker : workers) feed(worker);
  while (open > 0) {
    std::vector<pollfd> waiting;
    for (const Worker& worker : workers) waiting.push_back({worker.busy ? worker.from : -1, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) ensure(false, "poll");
    for (std::size_t w = 0; w < workers.size(); ++w) {
      Worker& worker = workers[w];
      if (!worker.busy || waiting[w].revents == 0) continue;
      char part[65536];
      const ssize_t size = ::read(worker.from, part, sizeof part);
      if (size > 0) {
        worker.received.append(part, static_cast<std::size_t>(size));
        if (worker.received.back() != '\n') continue;
        worker.received.pop_back();
        take({worker.item, worker.received, ""});
        worker.received.clear();
        worker.busy = false;
        --open;
        feed(worker);
      } else {
        const std::uint64_t item = worker.item;
        --open;
        take({item, "", finish(worker)});
        worker = Worker{};
        if (next < items) {
          std::vector<Worker> others;
          for (const Worker& other : workers) {
            if (other.pid >= 0) others.push_back(other);
          }
          worker = start(work, others);
          feed(worker);
        }
      }
    }
  }
  for (Worker& worker : workers) {
    if (worker.pid >= 0) finish(worker);
  }
  std::signal(SIGPIPE, old_handler);
}

}  // namespace vitruvian::tb
