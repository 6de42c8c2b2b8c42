// The protocol on its own; the examples are those of its specification.
#include "engine/kserve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace thorax::engine::kserve {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using weights::DType;
using weights::make_tensor;

std::string joined(const Body& body) {
  std::string out = body.json;
  for (const Tensor& tensor : body.tensors)
    out.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
  return out;
}

std::string refusal(const std::string& body, std::size_t json_bytes = 0) {
  try {
    decode_request(body, json_bytes);
    return "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "bad_tensors"_code);
    return error.notice().args.at("detail");
  }
}

/// A request with one input.
std::string with(const std::string& input) {
  return R"({"inputs":[{"name":"a",)" + input + "}]}";
}

TEST(Kserve, ReadsTensorsInJsonFlatOrNested) {
  const InferRequest request = decode_request(
      R"({"id":"42","inputs":[
            {"name":"input0","shape":[2,2],"datatype":"UINT8","data":[1,2,3,255]},
            {"name":"input1","shape":[2,3],"datatype":"FP32","data":[[1,2.5,-3],[4,5,6e2]]},
            {"name":"input2","shape":[3],"datatype":"BOOL","data":[true,false,true]}],
          "outputs":[{"name":"output0"},{"name":"output1","parameters":{"binary_data":true}}]})",
      0);
  EXPECT_EQ(request.id, "42");
  ASSERT_EQ(request.inputs.size(), 3u);
  EXPECT_EQ(request.inputs[0].tensor.type, DType::u8);
  EXPECT_THAT(request.inputs[0].tensor.to_float(), ElementsAre(1, 2, 3, 255));
  EXPECT_THAT(request.inputs[1].tensor.shape, ElementsAre(2, 3));
  EXPECT_THAT(request.inputs[1].tensor.to_float(), ElementsAre(1, 2.5, -3, 4, 5, 600));
  EXPECT_EQ(request.inputs[2].tensor.type, DType::boolean);
  EXPECT_THAT(request.inputs[2].tensor.to_float(), ElementsAre(1, 0, 1));
  ASSERT_EQ(request.outputs.size(), 2u);
  EXPECT_FALSE(request.outputs[0].binary);
  EXPECT_TRUE(request.outputs[1].binary);
}

TEST(Kserve, ReadsBytesBehindTheJson) {
  // Two INT16 and then four UINT8, as Triton's clients send them.
  const std::string head =
      R"({"parameters":{"binary_data_output":true},"inputs":[
          {"name":"a","shape":[2],"datatype":"INT16","parameters":{"binary_data_size":4}},
          {"name":"b","shape":[1],"datatype":"INT64","data":[-9]},
          {"name":"c","shape":[4],"datatype":"UINT8","parameters":{"binary_data_size":4}}]})";
  const InferRequest request =
      decode_request(head + std::string("\x01\x00\xff\xff\x07\x08\x09\x0a", 8), head.size());
  EXPECT_TRUE(request.binary);
  EXPECT_THAT(request.inputs.at(0).tensor.to_float(), ElementsAre(1, -1));
  EXPECT_THAT(request.inputs.at(1).tensor.to_float(), ElementsAre(-9));
  EXPECT_THAT(request.inputs.at(2).tensor.to_float(), ElementsAre(7, 8, 9, 10));
}

TEST(Kserve, RequestsAndAnswersComeBackAsTheyWere) {
  InferRequest request;
  request.id = "7";
  request.function = "classify";
  request.inputs.push_back({"x", make_tensor({1, 3}, std::vector<float>{0.1F, -2, NAN})});
  request.outputs.push_back({"y", true});
  const Body body = encode_request(request);
  EXPECT_EQ(body.bytes(), body.json.size() + 12);
  const InferRequest back = decode_request(joined(body), body.json.size());
  EXPECT_EQ(back.function, "classify");
  EXPECT_TRUE(back.outputs.at(0).binary);
  EXPECT_EQ(back.inputs.at(0).tensor.to_float()[0], 0.1F);
  EXPECT_TRUE(std::isnan(back.inputs.at(0).tensor.to_float()[2]));

  const InferAnswer answer{"7",
                           "m",
                           "1",
                           {{"y", make_tensor({2}, std::vector<float>{0.1F, 3})},
                            {"z", weights::make_index_tensor({1}, {5})}}};
  for (const bool binary : {false, true}) {
    const Body sent = encode_answer(answer, {binary, !binary});
    const InferAnswer got = decode_answer(joined(sent), sent.json.size());
    EXPECT_EQ(got.model, "m");
    EXPECT_THAT(got.outputs.at(0).tensor.to_float(), ElementsAre(0.1F, 3));
    EXPECT_EQ(got.outputs.at(1).tensor.type, DType::i64);
    EXPECT_THAT(got.outputs.at(1).tensor.to_float(), ElementsAre(5));
  }
}

TEST(Kserve, ValuesWithoutJsonAreRefusedThere) {
  const InferAnswer nan{"", "m", "1", {{"y", make_tensor({1}, std::vector<float>{NAN})}}};
  EXPECT_THROW(encode_answer(nan, {false}), Error);
  EXPECT_NO_THROW(encode_answer(nan, {true}));
}

TEST(Kserve, WhatDoesNotFitIsNamed) {
  EXPECT_THAT(refusal("nonsense"), HasSubstr("JSON"));
  EXPECT_THAT(refusal("{}"), HasSubstr("\"inputs\""));
  EXPECT_THAT(refusal(R"({"inputs":{}})"), HasSubstr("no list"));
  EXPECT_THAT(refusal(R"({"inputs":[7]})"), HasSubstr("\"name\""));
  EXPECT_THAT(refusal("{}", 3), HasSubstr("larger than the body"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"FP8","data":[1])")), HasSubstr("FP8"));
  EXPECT_THAT(refusal(with(R"("shape":[2],"datatype":"FP32","data":[1])")), HasSubstr("fewer"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"FP32","data":[1,2])")), HasSubstr("more"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"UINT8","data":[256])")), HasSubstr("cannot"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"INT32","data":[1.5])")),
              HasSubstr("no whole number"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"FP32","data":["1"])")),
              HasSubstr("no number"));
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"FP16","data":[1])")),
              HasSubstr("bytes only"));
  EXPECT_THAT(refusal(with(R"("shape":[-1],"datatype":"FP32","data":[])")), HasSubstr("shape"));
  EXPECT_THAT(refusal(with(R"("shape":[4000000000,4000000000],"datatype":"U8","data":[])")),
              HasSubstr("U8"));
  EXPECT_THAT(refusal(with(R"("shape":[4000000000,4000000000],"datatype":"UINT8","data":[])")),
              HasSubstr("shape"));
  const std::string head =
      with(R"("shape":[4],"datatype":"UINT8","parameters":{"binary_data_size":4})");
  EXPECT_THAT(refusal(head + "abc", head.size()), HasSubstr("binary_data_size"));
  EXPECT_THAT(refusal(head + "abcde", head.size()), HasSubstr("left over"));
}

TEST(Kserve, DeepNestingIsRefusedBeforeItFillsTheStack) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(refusal(with(R"("shape":[1],"datatype":"FP32","data":)" + deep)),
              HasSubstr("nested deeper"));
}

TEST(Kserve, MetadataTellsOfEveryFunction) {
  Description description;
  description.engine = "torch";
  description.functions = {
      {"features", {{"image", DType::f32, {-1, 3, 8, 8}}}, {{"f", DType::f32, {-1, 4}}}},
      {"classify", {{"f", DType::f32, {-1, 4}}}, {{"logits", DType::f32, {-1, 2}}}}};
  const json said = metadata("net", "1", description);
  EXPECT_EQ(said["inputs"][0]["datatype"], "FP32");
  EXPECT_EQ(said["inputs"][0]["shape"], json({-1, 3, 8, 8}));
  const std::vector<FunctionInfo> known = functions(said);
  ASSERT_EQ(known.size(), 2u);
  EXPECT_EQ(known[1].name, "classify");
  EXPECT_EQ(known[1].outputs[0].name, "logits");

  // Triton tells of no functions.
  json triton = said;
  triton.erase("parameters");
  ASSERT_EQ(functions(triton).size(), 1u);
  EXPECT_EQ(functions(triton)[0].inputs[0].name, "image");
}

}  // namespace
}  // namespace thorax::engine::kserve
