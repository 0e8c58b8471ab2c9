/** The messages of onnx.proto3 (IR 9) as tables: field numbers, names and how each is written. What a table lacks, as text in tensors, is passed over. */
import type { FieldKind, Message, MessageField } from './wire.ts';

const message = (name: string, fields: () => MessageField[]): Message => {
  let made: MessageField[] | null = null;
  // Messages name each other, so fields are made when first asked for.
  return { name, fields: () => (made ??= fields()) };
};
const one = (no: number, name: string, kind: FieldKind | Message): MessageField => ({ no, name, kind });
const many = (no: number, name: string, kind: FieldKind | Message): MessageField => ({ no, name, kind, repeated: true });

const StringEntry = message('StringStringEntryProto', () => [one(1, 'key', 'string'), one(2, 'value', 'string')]);
const OperatorSet = message('OperatorSetIdProto', () => [one(1, 'domain', 'string'), one(2, 'version', 'int64')]);
const Segment = message('TensorProto.Segment', () => [one(1, 'begin', 'int64'), one(2, 'end', 'int64')]);
const Tensor = message('TensorProto', () => [
  many(1, 'dims', 'int64'), one(2, 'dataType', 'int64'), one(3, 'segment', Segment), many(4, 'floatData', 'float'), many(5, 'int32Data', 'int64'),
  many(7, 'int64Data', 'int64'), one(8, 'name', 'string'), one(9, 'rawData', 'bytes'), many(10, 'doubleData', 'double'), many(11, 'uint64Data', 'uint64'),
  one(12, 'docString', 'string'), many(13, 'externalData', StringEntry), one(14, 'dataLocation', 'int64'), many(16, 'metadataProps', StringEntry),
]);
const SparseTensor: Message = { ...message('SparseTensorProto', () => [one(1, 'values', Tensor), one(2, 'indices', Tensor), many(3, 'dims', 'int64')]), whole: true };
const Dimension = message('TensorShapeProto.Dimension', () => [one(1, 'dimValue', 'int64'), one(2, 'dimParam', 'string'), one(3, 'denotation', 'string')]);
const TensorShape = message('TensorShapeProto', () => [many(1, 'dim', Dimension)]);
const TensorType = message('TypeProto.Tensor', () => [one(1, 'elemType', 'int64'), one(2, 'shape', TensorShape)]);
const SequenceType = message('TypeProto.Sequence', () => [one(1, 'elemType', Type)]);
const MapType = message('TypeProto.Map', () => [one(1, 'keyType', 'int64'), one(2, 'valueType', Type)]);
const OptionalType = message('TypeProto.Optional', () => [one(1, 'elemType', Type)]);
const Type: Message = message('TypeProto', () => [
  one(1, 'tensorType', TensorType), one(4, 'sequenceType', SequenceType), one(5, 'mapType', MapType), one(6, 'denotation', 'string'), one(8, 'sparseTensorType', TensorType), one(9, 'optionalType', OptionalType),
]);
const ValueInfo = message('ValueInfoProto', () => [one(1, 'name', 'string'), one(2, 'type', Type), one(3, 'docString', 'string'), many(4, 'metadataProps', StringEntry)]);
const Attribute: Message = message('AttributeProto', () => [
  one(1, 'name', 'string'), one(2, 'f', 'float'), one(3, 'i', 'int64'), one(4, 's', 'string'), one(5, 't', Tensor), one(6, 'g', Graph), many(7, 'floats', 'float'), many(8, 'ints', 'int64'),
  many(9, 'strings', 'string'), many(10, 'tensors', Tensor), many(11, 'graphs', Graph), one(13, 'docString', 'string'), one(14, 'tp', Type), many(15, 'typeProtos', Type),
  one(20, 'type', 'int64'), one(21, 'refAttrName', 'string'), one(22, 'sparseTensor', SparseTensor), many(23, 'sparseTensors', SparseTensor),
]);
const Node: Message = message('NodeProto', () => [
  many(1, 'input', 'string'), many(2, 'output', 'string'), one(3, 'name', 'string'), one(4, 'opType', 'string'), many(5, 'attribute', Attribute), one(6, 'docString', 'string'),
  one(7, 'domain', 'string'), one(8, 'overload', 'string'), many(9, 'metadataProps', StringEntry),
]);
const TensorAnnotation = message('TensorAnnotation', () => [one(1, 'tensorName', 'string'), many(2, 'quantParameterTensorNames', StringEntry)]);
const Graph: Message = message('GraphProto', () => [
  many(1, 'node', Node), one(2, 'name', 'string'), many(5, 'initializer', Tensor), one(10, 'docString', 'string'), many(11, 'input', ValueInfo), many(12, 'output', ValueInfo),
  many(13, 'valueInfo', ValueInfo), many(14, 'quantizationAnnotation', TensorAnnotation), many(15, 'sparseInitializer', SparseTensor), many(16, 'metadataProps', StringEntry),
]);
const Function_ = message('FunctionProto', () => [
  one(1, 'name', 'string'), many(4, 'input', 'string'), many(5, 'output', 'string'), many(6, 'attribute', 'string'), many(7, 'node', Node), one(8, 'docString', 'string'), many(9, 'opsetImport', OperatorSet),
  one(10, 'domain', 'string'), many(11, 'attributeProto', Attribute), many(12, 'valueInfo', ValueInfo), one(13, 'overload', 'string'), many(14, 'metadataProps', StringEntry),
]);
/** TrainingInfoProto (20) stays an unknown field: nobody writes it. */
export const ModelMessage = message('ModelProto', () => [
  one(1, 'irVersion', 'int64'), one(2, 'producerName', 'string'), one(3, 'producerVersion', 'string'), one(4, 'domain', 'string'), one(5, 'modelVersion', 'int64'), one(6, 'docString', 'string'),
  one(7, 'graph', Graph), many(8, 'opsetImport', OperatorSet), many(14, 'metadataProps', StringEntry), many(25, 'functions', Function_),
]);
