#include "serve/stub_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace thorax::testing_support {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kPatience = 60s;

constexpr const char* kWorker = R"sh(
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --file) file=$2; shift ;;
    --deidentify) dates=$2; shift ;;
    --key-file) key=$2; shift ;;
  esac
  shift
done
read -r content <"$file"
said() {
  printf '{"study":{"kind":"ct","study_uid":"1.2","series_uid":"1.2.3","study_date":"20260101",'
  printf '"sex":"F","age":61,"trust":"%s","verdict":%s,"probability":%s,"finding":null,' "$1" "$2" "$3"
  printf '"seconds":0.5,"failure":%s,"stages":{"read":0.25}},"folder":"study",' "$4"
  case $content in
    embedded*)  # embedded MODEL NUMBER…
      set -- $content
      printf '"embedding":{"model":"%s","model_sha256":"sha-%s","values":[' "$2" "$2"
      shift 2
      (IFS=,; printf '%s]},' "$*") ;;
  esac
  printf '"patient":"%s"}\n' "${content#* }"
}
mkdir -p "$out/study/pictures"
printf '{"content":"%s","findings":[{"id":"nodule","positive":true,"score":0.9}]}' "$content" >"$out/study/result.json"
printf '<p>report' >"$out/study/report.html"
printf 'PNG' >"$out/study/pictures/key-1.png"
printf 'XLSX' >"$out/report.xlsx"
case $content in dicom*) printf SEG >"$out/study/segmentation.dcm"; printf SR >"$out/study/report.dcm" ;; esac
[ -z "$dates" ] || printf 'ZIP %s %s' "$dates" "${key##*/}" >"$out/deidentified.zip"
[ ! -e "${0%/*}/result.json" ] || cp "${0%/*}/result.json" "$out/study/result.json"
case $content in
  crash*) kill -9 $$ ;;
  clutter*)
    [ -e "$0.again" ] || { (cd "$out" && seq 20000 | xargs touch); : >"$0.again"; }
    printf '{"stage":"hanging","fraction":0.25}\n'; exec sleep 1000 ;;
  hang*) printf '{"stage":"hanging","fraction":0.25}\n'; exec sleep 1000 ;;
  babble*) printf 'Hello!\n' ;;
  nothing*)
    printf '{"failure":{"code":"NOTHING_TO_READ","arguments":{"path":"x","found":"0"}}}\n' ;;
  refuse*)
    said unfit null null '{"code":"NOT_A_CHEST","arguments":{},"what":{"en":"a","ru":"b"},"todo":{"en":"c","ru":"d"}}' ;;
  *)
    printf '{"stage":"lungs","fraction":0.5}\n'
    said good '"pathology"' 0.93 null ;;
esac
printf '{"end":true}\n'
)sh";

}  // namespace

serve::WorkerCommand stub_worker(const TemporaryFolder& folder) {
  return {{"/bin/sh", folder.write("worker.sh", kWorker).string()}};
}

serve::Options stub_options(const TemporaryFolder& folder) {
  serve::Options options;
  options.port = 0;
  options.data = (folder / "data").string();
  options.page = (folder / "page").string();
  options.disk_reserve = 0;
  options.workers = 2;
  options.streams = 4;
  options.stop_seconds = 0;
  return options;
}

std::string Answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

Client::Client(int port) : client_("127.0.0.1", port) {
  client_.set_keep_alive(true);
  client_.set_tcp_nodelay(true);
  client_.set_read_timeout(kPatience);
}

Answer Client::checked(const std::string& method, const std::string& path,
                       const httplib::Result& result) {
  if (!result) {
    ADD_FAILURE() << method << ' ' << path << ": " << httplib::to_string(result.error());
    return {};
  }
  const Answer answer{result->status, result->body, result->get_header_value("Content-Type"),
                      result->headers};
  for (const std::string& fault : described_.faults(method, path.substr(0, path.find('?')),
                                                    answer.status, answer.type, answer.body))
    ADD_FAILURE() << fault << '\n' << answer.body;
  return answer;
}

Answer Client::get(const std::string& path, const httplib::Headers& headers) {
  return checked("GET", path, client_.Get(path.c_str(), headers));
}

Answer Client::remove(const std::string& path) {
  return checked("DELETE", path, client_.Delete(path.c_str()));
}

Answer Client::post(const std::string& path, const std::string& body,
                    const httplib::Headers& headers) {
  return checked("POST", path,
                 client_.Post(path.c_str(), headers, body, "application/octet-stream"));
}

Answer Client::post_form(const std::string& path, const std::string& content,
                         const std::string& name, const httplib::Headers& headers) {
  return checked(
      "POST", path,
      client_.Post(path.c_str(), headers,
                   httplib::MultipartFormDataItems{{"note", "not a file", "", ""},
                                                   {"file", content, name, "application/zip"}}));
}

json Client::upload(const std::string& content, const std::string& name) {
  const Answer answer = post_form("/api/v1/studies", content, name);
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.json();
}

json Client::until(const std::string& job_id, const std::function<bool(const json&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const json job = get("/api/v1/jobs/" + job_id).json();
    if (wanted(job)) return job;
    std::this_thread::sleep_for(2ms);
  }
  ADD_FAILURE() << "the job never came so far";
  return get("/api/v1/jobs/" + job_id).json();
}

json Client::ended(const std::string& job_id) {
  return until(job_id, [](const json& job) { return !job["finished_at"].is_null(); });
}

}  // namespace thorax::testing_support
