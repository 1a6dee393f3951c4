"""Pages as browsers load them: documents, bundles, pictures, web vitals."""
