/** Frames of features on either side that the network sees: kept small, so that recognition can follow speech. */
export const networkXconfig = (featureDim: number, pdfs: number): string => `
input dim=${featureDim} name=input
batchnorm-component name=norm
relu-batchnorm-layer name=tdnn1 dim=192 input=Append(-2,-1,0,1,2)
relu-batchnorm-layer name=tdnn2 dim=192 input=Append(-2,0,2)
relu-batchnorm-layer name=tdnn3 dim=192 input=Append(-3,0,3)
relu-batchnorm-layer name=tdnn4 dim=192 input=Append(-4,0,4)
output-layer name=output dim=${pdfs}
`;
